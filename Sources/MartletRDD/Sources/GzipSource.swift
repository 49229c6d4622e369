// Unsafe code. Invariant: the functions are those of zlib's documented interface, looked up by name, and `stream` is
// what `gzopen` returned, closed exactly once.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import MartletCore

/// The bytes of a gzip file, unpacked by the system's zlib, which is loaded when the first such file is read.
final class GzipSource: ByteSource {
  private let path: String
  private let library: Zlib
  private let stream: OpaquePointer

  init(path: String) throws {
    self.path = path
    library = try Zlib.shared.get()
    guard let stream = library.open(path, "rb") else {
      throw MartletError.system("Cannot open '\(path)'", errno: errno)
    }
    self.stream = stream
  }

  deinit { _ = library.close(stream) }

  func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int {
    let got = library.read(stream, target, UInt32(min(count, 1 << 30)))
    var code: Int32 = 0
    let message = library.error(stream, &code)
    // Z_BUF_ERROR at the end of the input: the file was cut off.
    guard got >= 0, code >= 0 else {
      let reason = message.map { String(cString: $0) } ?? "unknown error"
      throw MartletError(.corruptData, "Cannot unpack '\(path)': \(reason) (zlib \(code)). Is the file complete?")
    }
    return Int(got)
  }
}

private struct Zlib: Sendable {
  typealias Open = @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>) -> OpaquePointer?
  typealias Read = @convention(c) (OpaquePointer, UnsafeMutableRawPointer, UInt32) -> Int32
  typealias Failure = @convention(c) (OpaquePointer, UnsafeMutablePointer<Int32>) -> UnsafePointer<CChar>?
  typealias Close = @convention(c) (OpaquePointer) -> Int32

  let open: Open
  let read: Read
  let error: Failure
  let close: Close

  static let shared = Result { try Zlib() }

  private init() throws {
    let names = ["libz.so.1", "libz.so", "libz.1.dylib"]
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first,
      let open = dlsym(handle, "gzopen"), let read = dlsym(handle, "gzread"), let error = dlsym(handle, "gzerror"),
      let close = dlsym(handle, "gzclose")
    else {
      throw MartletError(
        .inputOutput, "Reading .gz files needs zlib, which is not on this system (Debian and Ubuntu: zlib1g).")
    }
    self.open = unsafeBitCast(open, to: Open.self)
    self.read = unsafeBitCast(read, to: Read.self)
    self.error = unsafeBitCast(error, to: Failure.self)
    self.close = unsafeBitCast(close, to: Close.self)
  }
}
