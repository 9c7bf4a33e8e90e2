"""A server's configuration, with a rule of its own of who may do what: here nobody may change what is tracked."""

from jupyter_server.auth import Authorizer


class ReadOnly(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "jupyter_track" or action == "read"


c = get_config()  # noqa: F821
c.ServerApp.authorizer_class = ReadOnly
