"""The parts of what every store of tasks can do; `protocol.TaskStore` is all of them."""
