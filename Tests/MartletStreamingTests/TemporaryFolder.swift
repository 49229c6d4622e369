import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder that is there for one test.
final class TemporaryFolder {
  let path: String
  private var files: [String] = []

  init() {
    var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp"
  }

  deinit {
    for file in files { unlink(file) }
    rmdir(path)
  }

  func write(_ text: String, to name: String) {
    let file = "\(path)/\(name)"
    files.append(file)
    guard let stream = fopen(file, "w") else { return }
    fputs(text, stream)
    fclose(stream)
  }

  func contains(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }
}

/// Runs `body` with a new folder, which is removed afterwards with all that is in it.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
  guard let path = mkdtemp(&template).map({ String(cString: $0) }) else {
    throw MartletError.system("Cannot make a temporary folder", errno: errno)
  }
  defer { try? Folder.remove(path) }
  return try body(path)
}
