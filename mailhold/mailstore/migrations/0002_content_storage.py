"""PostgreSQL keeps sealed content out of line and does not try to compress it: encrypted bytes do not compress."""

from django.db import migrations


def set_storage(storage):
    def change(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"ALTER TABLE mailstore_sealedcontent ALTER COLUMN sealed SET STORAGE {storage}"
            )

    return change


class Migration(migrations.Migration):
    dependencies = [("mailstore", "0001_initial")]
    operations = [migrations.RunPython(set_storage("EXTERNAL"), set_storage("EXTENDED"))]
