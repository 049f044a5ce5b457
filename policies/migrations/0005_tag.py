from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("policies", "0004_second_administrator")]

    operations = [
        migrations.AddField(
            model_name="policyaction",
            name="tag",
            field=models.CharField(
                blank=True,
                help_text="Such as [External].",
                max_length=40,
                verbose_name="text in front of the subject",
            ),
        ),
        migrations.AlterField(
            model_name="policyaction",
            name="address",
            field=models.CharField(
                blank=True, max_length=320, verbose_name="address for the copy (Cc or Bcc)"
            ),
        ),
    ]
