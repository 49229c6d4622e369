import MartletCore
import Synchronization

/// The files whose facts are known already, while a closure of the program makes an RDD of their paths.
///
/// What `textFile` and its like make within the closure read these files as they were found: each the same file, and no
/// more of it than there was. Which files are named to them is noted; of the others nothing is known but that the closure
/// was given their paths.
package final class PlannedFiles: Sendable {
  @TaskLocal package static var current: PlannedFiles?

  private let files: [FilePath: InputFile]
  private let unnamed: Mutex<Set<FilePath>>

  package init(_ files: [InputFile]) {
    self.files = Dictionary(files.map { (FilePath($0.path), $0) }, uniquingKeysWith: { first, _ in first })
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
      case .names(let names): unnamed.subtract(names.map { FilePath($0) })
      case .list(let text):
        guard unnamed.remove(FilePath(text)) == nil else { return }
        for name in text.utf8.split(separator: UInt8(ascii: ",")) { unnamed.remove(FilePath(String(Substring(name)))) }
      }
    }
  }

  /// The file as it was found, if it was.
  func found(_ file: InputFile) -> InputFile { files[FilePath(file.path)] ?? file }
}
