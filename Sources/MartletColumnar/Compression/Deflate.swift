// Unsafe code. Invariant: the functions are those of zlib's documented interface, looked up by name. `stream` does not
// move between `begin` and `end`; its pointers refer to bytes of the caller for the duration of a call.

import CMartlet
import MartletCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Deflate, without the header of zlib or gzip. The system's zlib is loaded when it is first needed.
package enum Deflate {
  /// The most bytes that are decompressed at once.
  package static let largestResult = 1 << 30

  /// Appends the bytes that `input` was made of. Bytes after their end are ignored: some writers of Avro leave a part of
  /// zlib's checksum there.
  package static func decompress(_ input: UnsafeRawBufferPointer, into output: ColumnarBuffer) throws {
    let library = try ZlibLibrary.shared.get()
    var stream = martlet_zlib_stream()
    try withUnsafeMutablePointer(to: &stream) { stream in
      guard library.inflateBegin(stream, -15, library.version(), size) == ZlibLibrary.ok else { throw cannotStart }
      defer { _ = library.inflateEnd(stream) }
      stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(input.count)
      var result = 0
      while true {
        let space = min(max(4096, 4 * input.count, result), 1 << 20)
        stream.pointee.next_out = output.extend(by: space).assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(space)
        let code = library.inflate(stream, 0)
        let left = Int(stream.pointee.avail_out)
        output.count -= left
        result += space - left
        if code == ZlibLibrary.streamEnd { break }
        guard code == ZlibLibrary.ok || code == ZlibLibrary.bufferError else {
          let reason = stream.pointee.msg.map { ": \(String(cString: $0))" } ?? ""
          throw ColumnarDamage("its deflated data is damaged\(reason)")
        }
        if left > 0 { throw ColumnarDamage("its deflated data ends too early") }
        if result > largestResult {
          throw ColumnarDamage("its deflated data is more than \(largestResult) bytes long")
        }
      }
    }
  }

  /// Appends the compressed form of `input`, which must have less than 4 GiB.
  /// - Parameter level: 1 to 9, the best; 0 does not compress, and -1 is zlib's default.
  package static func compress(
    _ input: UnsafeRawBufferPointer, level: Int = -1, into output: ColumnarBuffer
  ) throws {
    let library = try ZlibLibrary.shared.get()
    var stream = martlet_zlib_stream()
    try withUnsafeMutablePointer(to: &stream) { stream in
      guard
        library.deflateBegin(stream, Int32(level), 8, -15, 8, 0, library.version(), size) == ZlibLibrary.ok
      else { throw cannotStart }
      defer { _ = library.deflateEnd(stream) }
      stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(input.count)
      while true {
        let space = max(4096, input.count / 2)
        stream.pointee.next_out = output.extend(by: space).assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(space)
        let code = library.deflate(stream, ZlibLibrary.finish)
        output.count -= Int(stream.pointee.avail_out)
        if code == ZlibLibrary.streamEnd { return }
        guard code == ZlibLibrary.ok || code == ZlibLibrary.bufferError else {
          throw MartletError(.resourcesExhausted, "zlib cannot compress a block (zlib \(code)).")
        }
      }
    }
  }

  private static let size = Int32(MemoryLayout<martlet_zlib_stream>.size)
  private static let cannotStart = MartletError(.resourcesExhausted, "zlib could not start.")
}

private struct ZlibLibrary: Sendable {
  typealias Stream = UnsafeMutablePointer<martlet_zlib_stream>
  typealias Version = @convention(c) () -> UnsafePointer<CChar>
  typealias InflateBegin = @convention(c) (Stream, Int32, UnsafePointer<CChar>, Int32) -> Int32
  typealias DeflateBegin =
    @convention(c) (Stream, Int32, Int32, Int32, Int32, Int32, UnsafePointer<CChar>, Int32)
    -> Int32
  typealias Run = @convention(c) (Stream, Int32) -> Int32
  typealias End = @convention(c) (Stream) -> Int32

  static let ok: Int32 = 0
  static let streamEnd: Int32 = 1
  static let bufferError: Int32 = -5
  static let finish: Int32 = 4

  let version: Version
  let inflateBegin: InflateBegin, inflate: Run, inflateEnd: End
  let deflateBegin: DeflateBegin, deflate: Run, deflateEnd: End

  static let shared = Result { try ZlibLibrary() }

  private init() throws {
    let library = try LoadedLibrary(["libz.so.1", "libz.so", "libz.1.dylib"], "zlib (Debian and Ubuntu: zlib1g)")
    version = try library.function("zlibVersion", as: Version.self)
    inflateBegin = try library.function("inflateInit2_", as: InflateBegin.self)
    inflate = try library.function("inflate", as: Run.self)
    inflateEnd = try library.function("inflateEnd", as: End.self)
    deflateBegin = try library.function("deflateInit2_", as: DeflateBegin.self)
    deflate = try library.function("deflate", as: Run.self)
    deflateEnd = try library.function("deflateEnd", as: End.self)
  }
}

/// A library of the system that is loaded while the program runs, and never unloaded.
struct LoadedLibrary {
  private let handle: UnsafeMutableRawPointer
  private let title: String

  /// - Parameter title: its name in messages.
  init(_ names: [String], _ title: String) throws {
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first else {
      throw MartletError(.inputOutput, "It needs the library \(title), which is not on this system.")
    }
    self.handle = handle
    self.title = title
  }

  /// A function, whose type the caller knows from the library's documentation.
  func function<Function>(_ name: String, as _: Function.Type) throws -> Function {
    guard let address = dlsym(handle, name) else {
      throw MartletError(.inputOutput, "The library \(title) lacks the function '\(name)'.")
    }
    return unsafeBitCast(address, to: Function.self)
  }
}
