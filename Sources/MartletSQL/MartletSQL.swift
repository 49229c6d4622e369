// A program with streams and SQL needs no other import.
@_exported public import Martlet
