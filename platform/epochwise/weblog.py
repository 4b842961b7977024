"""The log of the web server."""

from gunicorn.config import Config
from gunicorn.glogging import Logger

from epochwise.logs import LINE, SafeFormatter


class WebLogger(Logger):
    """Gunicorn's log with the lines of the site, and an access log without secrets."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        error, access = SafeFormatter(LINE, style="{"), SafeFormatter("{message}", style="{")
        for log, formatter in [(self.error_log, error), (self.access_log, access)]:
            for handler in log.handlers:
                handler.setFormatter(formatter)
