"""Runs the Django example of docs/connect.md: one checkout with the buyer's cookie, then the payment."""
import os

import django
from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db"}},
    ROOT_URLCONF=__name__,
    SECRET_KEY="of a test",
    USE_TZ=True,
)
django.setup()

from django.db import connection  # noqa: E402 (only after the set-up)
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402

import views  # noqa: E402
from models import Order  # noqa: E402

urlpatterns = [path("checkout", views.checkout), path("paid/<str:number>", views.paid)]

with connection.schema_editor() as editor:
    editor.create_model(Order)
buyer = Client()
buyer.cookies["ud_vid"] = os.environ["VISITOR"]
assert buyer.post("/checkout", {"number": "D-1", "total": "1499.5", "email": "o@example.com"}).status_code == 200
assert buyer.post("/paid/D-1").status_code == 200
# Somebody who refuses cookies buys too.
assert Client().post("/checkout", {"number": "D-2", "total": "10", "email": "p@example.com"}).status_code == 200
