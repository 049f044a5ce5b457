"""Signs of life of the background processes."""

from django.db import models


class Heartbeat(models.Model):
    """When a background process last said that it does its work."""

    kind = models.CharField(max_length=32)
    instance = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("kind", "instance"), name="heartbeat_of_instance"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.instance}"
