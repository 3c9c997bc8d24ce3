from django.db import models

from applicants.models.place import City


class NumberSeries(models.Model):
    """The last number given out in a series of a city and year: case numbers, batches, notices."""

    city = models.ForeignKey(City, models.RESTRICT)
    series = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint("city", "series", "year", name="series_once")]

    def __str__(self) -> str:
        return f"{self.city_id} {self.series} {self.year}: {self.last}"
