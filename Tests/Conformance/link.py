"""A way to a server on 127.0.0.1 that can be cut and mended."""

import socket
import threading


class Link:
    """Passes on what comes to its `port`, both ways, until it is cut."""

    def __init__(self, server):
        self._server, self._open = server, set()
        self._listener, self.port = None, 0
        self.mend()

    def mend(self):
        """Takes connections, on the same port as before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self):
        """Ends every connection, and takes no more."""
        for end in [self._listener, *self._open]:
            # Whoever waits for it has to hear of it, which closing alone does not do.
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self._open.clear()

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._server))
            except OSError:
                near.close()
                continue
            self._open |= {near, far}
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
