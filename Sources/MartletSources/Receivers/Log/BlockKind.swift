/// The kinds of records in a receiver's log.
enum BlockKind: UInt8 {
  /// Lines of text as they were received, each with its line feed.
  case lines = 16
  /// Elements as their codec writes them.
  case elements = 17

  /// The vocabulary of a receiver's log. The opening of a segment contains the form of the elements' codec.
  static let vocabulary = "receiver"
}
