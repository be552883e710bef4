"""A person with a browser: opens the application, and must end up at a signer's page that can be read."""

import os
import sys
import urllib.request

APP = os.environ.get("APP_URL", "http://127.0.0.1:8000")

with urllib.request.urlopen(APP, timeout=30) as page:  # follows where it is sent
    text = page.read().decode()
    sys.stdout.write(f"{page.geturl().partition('?')[0]} shows {len(text)} characters\n")
    sys.exit("A contract" not in text)
