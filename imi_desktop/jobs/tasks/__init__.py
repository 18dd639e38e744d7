"""How each kind of unit task is done; imported only when such a task comes."""
