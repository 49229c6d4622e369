internal import MartletDuckDB
private import Synchronization

/// Numbers for the folders of partitions while the engine writes them: it can name folders by numbers alone.
///
/// The function `martlet_folder_number(id, folder)` of SQL gives each folder its number, until `close()`.
final class FolderNumbers: Sendable {
  private struct Known {
    var numbers: [String: Int64] = [:]
    var folders: [String] = []
  }

  let id: Int64
  private let known = Mutex(Known())

  private static let all = Mutex<[Int64: FolderNumbers]>([:])
  private static let last = Atomic<Int64>(0)

  init() {
    id = Self.last.add(1, ordering: .relaxed).newValue
    Self.all.withLock { $0[id] = self }
  }

  /// Ends the numbering, and forgets this object.
  func close() { _ = Self.all.withLock { $0.removeValue(forKey: id) } }

  /// The folders by their numbers.
  var folders: [String] { known.withLock { $0.folders } }

  private func number(_ folder: String) -> Int64 {
    known.withLock { known in
      if let number = known.numbers[folder] { return number }
      let number = Int64(known.folders.count)
      known.numbers[folder] = number
      known.folders.append(folder)
      return number
    }
  }

  /// The functions of the engine for folders.
  static let functions: [ScalarFunction] = [
    // The number depends on the rows before.
    ScalarFunction("martlet_folder_number", isDeterministic: false) { (id: Int64, folder: String) -> Int64? in
      all.withLock { $0[id] }?.number(folder)
    },
    ScalarFunction("martlet_folder_name") { (text: String?) -> String in
      // As in Spark, an empty text is no name of a folder either.
      guard let text, !text.isEmpty else { return FileList.null }
      return escapedFolderName(text)
    },
  ]
}
