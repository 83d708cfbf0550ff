#!/usr/bin/python3
"""Drags files onto a window, as a file manager would, by speaking XDND version 5 as the source of the drag.

    scripts/drop.py --window NAME FILE...

The window is the one whose title contains NAME. The pointer is held and moved over it, so hover effects show;
--hold keeps it there for a while before the files are let go. Needs Debian's python3-xlib and a DISPLAY.

Exit code: 0 the window took the files; 1 it refused them; 2 no such window, or a file is missing; 3 it did not answer.
The protocol: https://www.freedesktop.org/wiki/Specifications/XDND/
"""

import argparse
import os
import select
import sys
import time
import urllib.parse

from Xlib import X, Xatom
from Xlib.display import Display
from Xlib.error import BadWindow
from Xlib.protocol import event

VERSION = 5
STEPS = 8


class Refused(Exception):
    """The target answered, and the answer is no."""


class Missing(Exception):
    """There is nothing to drag, or nowhere to drag it to."""


class Silent(Exception):
    """The target did not answer in time."""


class Drag:
    """One drag of some files, from a small window of its own that is never shown."""

    def __init__(self, display, files, patience):
        self.display = display
        self.patience = patience
        self.root = display.screen().root
        self.source = self.root.create_window(-10, -10, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask)
        self.uris = b"".join(uri(file) + b"\r\n" for file in files)
        # python-xlib has no BIG-REQUESTS: a property must fit an ordinary request of 256 KiB.
        if len(self.uris) > 250_000:
            raise Missing("too many files for one drag: their names take more than 250 kB")
        self.last_status = None
        self.finished = None

    def atom(self, name):
        return self.display.intern_atom(name)

    def server_time(self):
        """The X server's clock: owners and requests of a selection are ordered by it."""
        self.source.change_property(Xatom.WM_CLASS, Xatom.STRING, 8, b"fathom-drop\0fathom-drop\0")
        stamps = []
        self.pump(lambda: stamps, lambda e: stamps.append(e.time) if e.type == X.PropertyNotify else None)
        return stamps[0]

    def pump(self, done, other=lambda e: None):
        """Serves events until done() holds."""
        deadline = time.monotonic() + self.patience
        while not done():
            self.display.flush()
            if not self.display.pending_events():
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Silent("no answer within %g seconds" % self.patience)
                select.select([self.display.fileno()], [], [], left)
                continue
            e = self.display.next_event()
            if e.type == X.SelectionRequest:
                self.serve(e)
            elif e.type == X.ClientMessage and e.client_type == self.atom("XdndStatus"):
                self.last_status = e.data[1][1] & 1
            elif e.type == X.ClientMessage and e.client_type == self.atom("XdndFinished"):
                self.finished = e.data[1][1] & 1
            else:
                other(e)

    def serve(self, request):
        """Hands the list of files to whoever asks for it."""
        given = X.NONE
        # Old clients leave the property out and mean the target's own name.
        where = request.property or request.target
        if request.target == self.atom("text/uri-list"):
            request.requestor.change_property(where, request.target, 8, self.uris)
            given = where
        elif request.target == self.atom("TARGETS"):
            offered = [self.atom("TARGETS"), self.atom("text/uri-list")]
            request.requestor.change_property(where, Xatom.ATOM, 32, offered)
            given = where
        request.requestor.send_event(
            event.SelectionNotify(
                time=request.time,
                requestor=request.requestor,
                selection=request.selection,
                target=request.target,
                property=given,
            )
        )

    def tell(self, target, name, *data):
        words = [self.source.id, *data]
        words += [0] * (5 - len(words))
        target.send_event(
            event.ClientMessage(window=target, client_type=self.atom(name), data=(32, words)),
        )

    def onto(self, target, hold):
        """Carries the files from the target's edge to its middle and lets go there."""
        aware = target.get_full_property(self.atom("XdndAware"), X.AnyPropertyType)
        if aware is None:
            raise Refused("the window takes no drops: it has no XdndAware property")
        version = min(VERSION, aware.value[0])
        now = self.server_time()
        self.source.set_selection_owner(self.atom("XdndSelection"), now)
        grab = self.root.grab_pointer(False, 0, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE, now)
        if grab != X.GrabSuccess:
            raise Silent("another program holds the pointer")
        try:
            self.tell(target, "XdndEnter", version << 24, self.atom("text/uri-list"))
            self.hover(target, now)
            time.sleep(hold)
            if not self.last_status:
                self.tell(target, "XdndLeave")
                self.display.flush()
                raise Refused("the window does not want these files there")
            self.tell(target, "XdndDrop", 0, now)
        finally:
            self.display.ungrab_pointer(X.CurrentTime)
            self.display.flush()
        self.pump(lambda: self.finished is not None)
        # Before version 5 a target only says that it is done.
        if version >= 5 and not self.finished:
            raise Refused("the window took the drop and then refused the files")

    def hover(self, target, now):
        size = target.get_geometry()
        corner = self.root.translate_coords(target, 0, 0)
        for step in range(1, STEPS + 1):
            x = corner.x + size.width * step // (2 * STEPS)
            y = corner.y + size.height * step // (2 * STEPS)
            self.root.warp_pointer(x, y)
            self.last_status = None
            self.tell(target, "XdndPosition", 0, x << 16 | y, now, self.atom("XdndActionCopy"))
            self.pump(lambda: self.last_status is not None)


def uri(file):
    path = os.path.abspath(file)
    if not os.path.lexists(path):
        raise Missing("no such file: %s" % file)
    return b"file://" + urllib.parse.quote(os.fsencode(path)).encode()


def title(window, display):
    name = window.get_full_property(display.intern_atom("_NET_WM_NAME"), X.AnyPropertyType)
    name = name or window.get_full_property(Xatom.WM_NAME, X.AnyPropertyType)
    value = name.value if name else b""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def windows(parent):
    """Every window below this one: a window manager puts its frames in between."""
    for child in parent.query_tree().children:
        yield child
        yield from windows(child)


def find(display, name, patience):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            for window in windows(display.screen().root):
                shown = window.get_attributes().map_state == X.IsViewable
                if shown and name in title(window, display):
                    return window
        except BadWindow:
            # A window closed while the tree was read: read it again.
            continue
        time.sleep(0.1)
    raise Missing("no window whose title contains %r" % name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--window", required=True, metavar="NAME", help="part of the window's title")
    parser.add_argument("--hold", type=float, default=0.0, metavar="SECS", help="hover this long before letting go")
    parser.add_argument("--patience", type=float, default=10.0, metavar="SECS", help="wait this long for an answer")
    parser.add_argument("files", nargs="+", metavar="FILE")
    arguments = parser.parse_args()
    display = Display()
    try:
        drag = Drag(display, arguments.files, arguments.patience)
        drag.onto(find(display, arguments.window, arguments.patience), arguments.hold)
    except (Refused, Missing, Silent) as reason:
        print("drop.py: %s" % reason, file=sys.stderr)
        return {Refused: 1, Missing: 2, Silent: 3}[type(reason)]
    return 0


if __name__ == "__main__":
    sys.exit(main())
