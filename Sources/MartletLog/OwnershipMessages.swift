/// Error messages for a process that does not own a log, or no longer owns it.
package struct OwnershipMessages: Sendable {
  /// The folder, such as `The folder of the checkpoint`.
  package let folder: String
  /// Another process, `holder`, owns the folder.
  package let inUse: @Sendable (_ holder: String) -> String
  /// The folder has been moved, removed or emptied.
  package let gone: String
  /// Another process has taken over.
  package let fenced: String

  package init(
    folder: String, inUse: @escaping @Sendable (_ holder: String) -> String, gone: String, fenced: String
  ) {
    self.folder = folder
    self.inUse = inUse
    self.gone = gone
    self.fenced = fenced
  }
}
