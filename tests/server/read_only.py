"""A server's own rule of who may do what: here nobody may change what is tracked."""

from jupyter_server.auth import Authorizer


class ReadOnly(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return resource != "jupyter_track" or action == "read"
