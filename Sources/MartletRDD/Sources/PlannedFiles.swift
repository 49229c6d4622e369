import MartletCore
import Synchronization

/// The files whose facts are known already, while a closure of the program makes an RDD of their paths.
///
/// `textFile` and similar functions called in the closure read these files as they were found: each the same file, up
/// to its size at that time. The files that are passed to them are recorded; of others it is only known that the
/// closure got their paths.
package final class PlannedFiles: Sendable {
  @TaskLocal package static var current: PlannedFiles?

  private let files: [FilePath: InputFile]
  private let unnamed: Mutex<Set<FilePath>>

  package init(_ files: [InputFile]) {
    self.files = Dictionary(files.map { (FilePath($0.path), $0) }, uniquingKeysWith: { first, _ in first })
    unnamed = Mutex(Set(self.files.keys))
  }

  /// The files that have not been passed to a reader of Martlet.
  package var readOtherwise: [InputFile] {
    unnamed.withLock { $0.sorted() }.compactMap { files[$0] }
  }

  /// Records the paths passed to a reader.
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

  /// The file as the stream found it, if it did.
  func found(_ file: InputFile) -> InputFile { files[FilePath(file.path)] ?? file }
}
