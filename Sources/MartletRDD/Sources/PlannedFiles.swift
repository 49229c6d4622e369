import Synchronization

/// The files that a stream has found for a batch, while a closure of the program makes an RDD of their paths.
///
/// What `textFile` and its like make within the closure read these files as they were found: each the same file, and no
/// more of it than there was. Which files are named to them is noted; of the others nothing is known but that the closure
/// was given their paths.
package final class PlannedFiles: Sendable {
  @TaskLocal package static var current: PlannedFiles?

  private let files: [String: InputFile]
  private let unnamed: Mutex<Set<String>>

  package init(_ files: [InputFile]) {
    self.files = Dictionary(files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    unnamed = Mutex(Set(self.files.keys))
  }

  /// Files that have been named to no reader of Martlet's.
  package var readOtherwise: [InputFile] {
    unnamed.withLock { $0.sorted() }.compactMap { files[$0] }
  }

  /// Notes what a reader was given.
  func note(_ paths: InputPaths) {
    unnamed.withLock { unnamed in
      switch paths {
      case .names(let names): unnamed.subtract(names)
      case .list(let text):
        if unnamed.remove(text) == nil { unnamed.subtract(text.split(separator: ",").map { String($0) }) }
      }
    }
  }

  /// The file as it was found, if it was.
  func found(_ file: InputFile) -> InputFile { files[file.path] ?? file }
}
