"""The state that really ran: every cell of a kernel in its order, and which of them a result came from."""
