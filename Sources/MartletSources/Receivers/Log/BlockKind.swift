/// The kinds of records in a receiver's log.
enum BlockKind: UInt8 {
  /// Lines of text as they came, each with its line feed.
  case lines = 16
  /// Elements as their codec writes them.
  case elements = 17

  /// The kind of log that a receiver has. The opening of a segment holds the form of the elements' codec.
  static let vocabulary = "receiver"
}
