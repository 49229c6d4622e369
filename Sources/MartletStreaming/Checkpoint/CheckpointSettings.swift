/// What the program, or a test, has said of its checkpoint.
package struct CheckpointSettings: Sendable {
  package var directory: String
  package var options = CheckpointOptions()
  /// Whether a checkpoint that the program cannot go on with is put aside, and another one is begun.
  package var createsOnError = false
  /// A segment of the log is followed by another when it has more bytes, and the state has been written anew.
  package var segmentBytes = 4 << 20
  /// Told of every step, on the thread that takes it.
  package var onStep: (@Sendable (BatchStep) -> Void)?
  /// Whether a batch waits until old segments are removed, so that nothing else happens meanwhile.
  package var awaitsRemoval = false

  package init(directory: String) { self.directory = directory }
}
