// Unsafe code. Invariant: the functions are those of zlib's documented interface, looked up by name. `stream` does not
// move between `begin` and `end`, each called once; `next_in` and `avail_in` refer to bytes of `input`, and `next_out`
// and `avail_out` to those of the caller of `read`, for the duration of that call.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import CMartlet
package import MartletCore

/// The decompressed bytes of a gzip file. The system's zlib is loaded when the first such file is read.
///
/// Several consecutive gzip streams are read as one, and trailing zeros are ignored, as gzip does. Anything else in the
/// file is an error.
package final class GzipSource: ByteSource {
  private let path: String
  private let library: Zlib
  private let file: FileSource
  private let stream: UnsafeMutablePointer<martlet_zlib_stream>
  private let input: UnsafeMutablePointer<UInt8>
  private let inputCapacity = 1 << 16
  private var inputHasEnded = false
  /// True if the next byte, if there is one, is the first of a gzip stream.
  private var isBetweenStreams = true
  private var streamsRead = 0

  /// - Parameter planned: the facts of a file found earlier: no more is decompressed than its size at that time.
  package init(path: String, planned: FileFacts? = nil) throws {
    self.path = path
    library = try Zlib.shared.get()
    file = try FileSource(path: path, planned: planned)
    stream = .allocate(capacity: 1)
    stream.initialize(to: martlet_zlib_stream())
    input = .allocate(capacity: inputCapacity)
    // 15: the largest window; 16 more: gzip's header, and no other.
    let code = library.begin(stream, 15 + 16, library.version(), Int32(MemoryLayout<martlet_zlib_stream>.size))
    guard code == Zlib.ok else { throw failure("zlib could not start", code) }
  }

  deinit {
    // Has no effect if `begin` has failed.
    _ = library.end(stream)
    stream.deallocate()
    input.deallocate()
  }

  package func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int {
    while true {
      try readInput()
      if isBetweenStreams, try !beginStream() { return 0 }
      let room = UInt32(min(count, 1 << 30))
      stream.pointee.next_out = target.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = room
      let code = library.inflate(stream, 0)
      let got = Int(room - stream.pointee.avail_out)
      switch code {
      case Zlib.streamEnd:
        isBetweenStreams = true
        streamsRead += 1
      case Zlib.ok, Zlib.bufferError:
        if got == 0 && inputHasEnded && stream.pointee.avail_in == 0 { throw isCutOff }
      default: throw refusal(code)
      }
      if got > 0 { return got }
    }
  }

  private func readInput() throws {
    guard stream.pointee.avail_in == 0 && !inputHasEnded else { return }
    let got = try file.read(input, count: inputCapacity)
    stream.pointee.next_in = UnsafePointer(input)
    stream.pointee.avail_in = UInt32(got)
    inputHasEnded = got == 0
  }

  /// Prepares for the next stream; returns `false` if there is none.
  private func beginStream() throws -> Bool {
    if streamsRead > 0 {
      while !inputHasEnded {
        while stream.pointee.avail_in > 0, let next = stream.pointee.next_in, next.pointee == 0 {
          stream.pointee.next_in = next + 1
          stream.pointee.avail_in -= 1
        }
        if stream.pointee.avail_in > 0 { break }
        try readInput()
      }
      if inputHasEnded { return false }
      let code = library.reset(stream)
      guard code == Zlib.ok else { throw failure("zlib could not continue", code) }
    } else if inputHasEnded {
      throw isCutOff
    }
    isBetweenStreams = false
    return true
  }

  private var isCutOff: MartletError {
    MartletError(.corruptData, "Cannot decompress '\(path)': the file ends too early. Check that it is complete.")
  }

  private func refusal(_ code: Int32) -> MartletError {
    let isHeader = stream.pointee.total_out == 0 && stream.pointee.total_in < 10
    if isHeader && streamsRead == 0 {
      return failure("it is not in the gzip format. Rename it if it is not compressed", code)
    }
    if isHeader { return failure("the data after the compressed data is not in the gzip format", code) }
    return failure("the data is damaged", code)
  }

  private func failure(_ what: String, _ code: Int32) -> MartletError {
    let reason = stream.pointee.msg.map { ": \(String(cString: $0))" } ?? ""
    return MartletError(.corruptData, "Cannot decompress '\(path)': \(what) (zlib \(code)\(reason)).")
  }
}

private struct Zlib: Sendable {
  typealias Stream = UnsafeMutablePointer<martlet_zlib_stream>
  typealias Version = @convention(c) () -> UnsafePointer<CChar>
  typealias Begin = @convention(c) (Stream, Int32, UnsafePointer<CChar>, Int32) -> Int32
  typealias Inflate = @convention(c) (Stream, Int32) -> Int32
  typealias Change = @convention(c) (Stream) -> Int32

  static let ok: Int32 = 0
  static let streamEnd: Int32 = 1
  static let bufferError: Int32 = -5

  let version: Version
  let begin: Begin
  let inflate: Inflate
  let reset: Change
  let end: Change

  static let shared = Result { try Zlib() }

  private init() throws {
    let names = ["libz.so.1", "libz.so", "libz.1.dylib"]
    guard let handle = names.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first,
      let version = dlsym(handle, "zlibVersion"), let begin = dlsym(handle, "inflateInit2_"),
      let inflate = dlsym(handle, "inflate"), let reset = dlsym(handle, "inflateReset"),
      let end = dlsym(handle, "inflateEnd")
    else {
      throw MartletError(
        .inputOutput, "Reading .gz files needs zlib, which is not on this system (Debian and Ubuntu: zlib1g).")
    }
    self.version = unsafeBitCast(version, to: Version.self)
    self.begin = unsafeBitCast(begin, to: Begin.self)
    self.inflate = unsafeBitCast(inflate, to: Inflate.self)
    self.reset = unsafeBitCast(reset, to: Change.self)
    self.end = unsafeBitCast(end, to: Change.self)
  }
}
