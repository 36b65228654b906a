"""Sites and dates as the registries write them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0003_impacts"),
    ]

    operations = [
        migrations.AddField(
            model_name="studyindex",
            name="enrolment_kind",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="studyindex",
            name="start_dtc",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="studyindex",
            name="updated_dtc",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="studylocation",
            name="name",
            field=models.TextField(blank=True),
        ),
    ]
