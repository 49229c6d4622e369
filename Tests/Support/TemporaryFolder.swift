import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Calls `body` with a new folder, which is removed afterwards with its contents.
package func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  let folder = "\(withoutTrailingSlashes(parent))/martlet-test-\(randomName())"
  try Folder.create(folder)
  defer { try? Folder.remove(folder) }
  return try body(folder)
}

/// Like `withTemporaryFolder`, with an asynchronous closure.
package func withAsyncTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = try withTemporaryFolder { $0 }
  try Folder.create(folder)
  defer { try? Folder.remove(folder) }
  return try await body(folder)
}

/// The bytes of a file as text.
package func contents(_ path: String) throws -> String {
  let file = try SystemFile.read(path)
  let bytes = ByteBuffer()
  let size = try file.size()
  _ = try file.read(bytes.extend(by: size), count: size, at: 0)
  return String(decoding: bytes.bytes, as: UTF8.self)
}
