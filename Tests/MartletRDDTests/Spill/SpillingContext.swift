import MartletCore
import MartletRDD

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs `body` with a new folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  let folder = "\(withoutTrailingSlashes(parent))/martlet-test-\(randomName())"
  try Folder.create(folder)
  defer { try? Folder.remove(folder) }
  return try body(folder)
}

/// A context that spills to `folder` as soon as a task holds `taskMemory` bytes.
func spillingContext(_ folder: String, taskMemory: Int = 1024, memory: Int = 1 << 30) -> MartletContext {
  MartletContext(
    conf: MartletConf().setMaster("local[3]").setAppName("spill").set(MartletConf.Key.localDirectory, folder)
      .set(MartletConf.Key.taskMemoryBytes, String(taskMemory)).set(MartletConf.Key.memoryBytes, String(memory)))
}

/// A context that never spills.
func roomyContext() -> MartletContext { MartletContext(master: "local[3]", appName: "roomy") }

/// The bytes of a file as text.
func contents(_ path: String) throws -> String {
  let file = try SystemFile.read(path)
  let bytes = ByteBuffer()
  let size = try file.size()
  _ = try file.read(bytes.extend(by: size), count: size, at: 0)
  return String(decoding: bytes.bytes, as: UTF8.self)
}
