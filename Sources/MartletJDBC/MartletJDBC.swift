// A program with frames and databases needs no other import.
@_exported public import MartletDatabases
@_exported public import MartletSQL
