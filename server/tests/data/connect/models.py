"""The shop around the example of docs/connect.md: its orders."""
from django.db import models
from django.utils import timezone


class Order(models.Model):
    number = models.CharField(max_length=32, unique=True)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    discount = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    email = models.EmailField()
    created = models.DateTimeField(default=timezone.now)
    updated = models.DateTimeField(default=timezone.now)
    pay_type = models.CharField(max_length=20, default="online_full")
    payment_status = models.CharField(max_length=20, default="unpaid")
    status = models.CharField(max_length=10, default="new")
    visitor = models.CharField(max_length=64, blank=True)

    class Meta:
        app_label = "shop"
