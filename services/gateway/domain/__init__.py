"""What the gateway decides, without I/O: who may do what, what a body may say, which facts follow."""
