import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder that exists for one test.
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
