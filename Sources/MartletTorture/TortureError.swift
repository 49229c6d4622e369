/// The reason why a program cannot be tortured, or does not do its part: it refuses to start again, hangs, or crashes.
public struct TortureError: Error, CustomStringConvertible {
  /// The message.
  public let description: String

  package init(_ description: String) { self.description = description }
}
