"""A small site of our own on loopback: invented people and events, to show the whole job on."""
