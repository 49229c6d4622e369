import MartletTorture
import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Text of several sectors.
func content(_ name: String) -> [UInt8] { Array(String(repeating: name, count: 2000).utf8) }

/// Publishes a file, then another in its place.
func publish(in folder: String) throws {
  for name in ["old", "new"] {
    let file = try DurableFile(path: "\(folder)/file")
    try content(name).withUnsafeBytes { try file.write($0) }
    try file.publish()
    mark(name, in: folder)
    print(name)
  }
}

/// Publishes a folder with a file, then another in its place.
func replaceFolder(in folder: String) throws {
  for name in ["old", "new"] {
    let staged = "\(folder)/.staged"
    try Folder.create(staged)
    let file = try SystemFile.create("\(staged)/file")
    try file.write(content(name))
    try file.synchronize()
    try Folder.replace("\(folder)/out", with: staged)
    mark(name, in: folder)
  }
}

/// Writes a file under another name and renames it, with or without synchronizing it first.
func rename(in folder: String, synchronizing: Bool) throws {
  let file = try SystemFile.create("\(folder)/temporary")
  try content("x").withUnsafeBytes { try file.write($0) }
  if synchronizing { try file.synchronize() }
  guard rename("\(folder)/temporary", "\(folder)/file") == 0 else { throw systemFailure("rename", errno) }
  if synchronizing { try Folder.synchronize(folder) }
  mark("renamed", in: folder)
}

/// Uses every call that the library knows, also from several threads, so that its records can be compared with the
/// folder.
func scribble(in folder: String) throws {
  func check(_ result: Int, _ line: UInt = #line) throws {
    if result < 0 { throw systemFailure("line \(line)", errno) }
  }
  func check(_ result: Int32, _ line: UInt = #line) throws { try check(Int(result), line) }

  try check(chdir(folder))
  try check(mkdir("a", 0o755))
  try check(mkdir("a//./b", 0o755))
  let descriptor = open("a/b/../file", O_RDWR | O_CREAT, 0o644)
  try check(descriptor)
  try check(write(descriptor, "0123456789", 10))
  try check(lseek(descriptor, 4, SEEK_SET))
  try check(write(descriptor, "xyz", 3))
  try check(pwrite(descriptor, "far", 3, 2000))
  try check(rename("a/file", "a/renamed"))
  try check(write(descriptor, "!", 1))
  try check(ftruncate(descriptor, 1500))
  let copy = dup(descriptor)
  close(descriptor)
  try check(pwrite(copy, "copy", 4, 100))
  try check(fsync(copy))
  close(copy)
  let appending = open("a/log", O_WRONLY | O_CREAT | O_APPEND, 0o644)
  var parts = [iovec](repeating: iovec(), count: 2)
  let bytes = Array("one two ".utf8)
  try bytes.withUnsafeBytes { bytes in
    let start = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
    parts[0] = iovec(iov_base: start, iov_len: 4)
    parts[1] = iovec(iov_base: start.map { $0 + 4 }, iov_len: 4)
    try check(writev(appending, parts, 2))
  }
  try check(write(appending, "three", 5))
  close(appending)
  try check(link("a/log", "a/b/link"))
  try check(truncate("a/log", 3))
  try check(rename("a/b", "moved"))
  let inside = open("moved", O_RDONLY | O_DIRECTORY)
  try check(mkdirat(inside, "deep", 0o755))
  try check(renameat(inside, "deep", AT_FDCWD, "deep"))
  close(inside)
  try Folder.create("x/y/z")
  try SystemFile.create("x/one").write(UnsafeRawBufferPointer(start: nil, count: 0))
  try Folder.replace("moved", with: "x")
  try check(rmdir("deep"))
  _ = rmdir("a")  // the folder is not empty
  let emptied = try SystemFile.overwrite("a/renamed")
  try bytes.withUnsafeBytes { try emptied.write($0) }
  let threads = (0..<4).map { number in
    WorkerThread(name: "scribble-\(number)") {
      for i in 0..<20 {
        let file = open("thread-\(number)-\(i)", O_WRONLY | O_CREAT, 0o644)
        write(file, "\(number)", 1)
        close(file)
        if i % 2 == 0 { unlink("thread-\(number)-\(i)") }
      }
    }
  }
  for thread in threads { thread.join() }
}
