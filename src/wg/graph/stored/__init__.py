"""The parts of the SQLite store: each the methods of one part of its contract; `store.Store` is all of them."""
