/// The settings of the program, or of a test, for its checkpoint.
package struct CheckpointSettings: Sendable {
  package var directory: String
  package var options = CheckpointOptions()
  /// True if a checkpoint that the program cannot continue from is set aside, and a new one is begun.
  package var createsOnError = false
  /// The size in bytes after which the next segment begins, once the state has been written again.
  package var segmentBytes = 4 << 20
  /// Called for every step, on the thread that takes it.
  package var onStep: (@Sendable (BatchStep) -> Void)?
  /// True if a batch waits for the removal of old segments, so that nothing else happens meanwhile.
  package var awaitsRemoval = false

  package init(directory: String) { self.directory = directory }
}
