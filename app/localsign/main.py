"""`localsign.main:app`, for any ASGI server: configured by the environment alone."""

import os

from localsign.asgi import create_app
from localsign.sandbox import Sandbox
from localsign.settings import Settings

app = create_app(Sandbox(Settings.from_environment(os.environ)))
