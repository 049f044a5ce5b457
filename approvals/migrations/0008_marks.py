from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("approvals", "0007_replay")]

    operations = [
        migrations.AddField(
            model_name="hold",
            name="marks",
            field=models.JSONField(default=dict, verbose_name="marks"),
        ),
    ]
