// Unsafe code. Invariant: the functions are those of the documented interface of Zstandard, looked up by name, and are
// called with the numbers of bytes that their pointers point to.

import MartletCore

/// Zstandard. The system's library is loaded when it is first needed.
package enum Zstandard {
  /// Appends the bytes that `input` was made of: one frame or several.
  package static func decompress(_ input: UnsafeRawBufferPointer, into output: ColumnarBuffer) throws {
    let library = try ZstandardLibrary.shared.get()
    guard let stream = library.createStream() else { throw cannotStart }
    defer { _ = library.freeStream(stream) }
    var source = ZstandardBuffer(pointer: UnsafeMutableRawPointer(mutating: input.baseAddress), size: input.count)
    var result = 0
    while true {
      let space = min(max(4096, 4 * input.count, result), 1 << 20)
      var target = ZstandardBuffer(pointer: output.extend(by: space), size: space)
      let code = library.decompressStream(stream, &target, &source)
      output.count -= space - target.position
      result += target.position
      guard library.isError(code) == 0 else {
        throw ColumnarDamage("its Zstandard data is damaged: \(String(cString: library.errorName(code)))")
      }
      if result > Deflate.largestResult {
        throw ColumnarDamage("its Zstandard data is more than \(Deflate.largestResult) bytes long")
      }
      if source.position == source.size {
        if code == 0 { return }
        if target.position < space { throw ColumnarDamage("its Zstandard data ends too early") }
      }
    }
  }

  /// Appends the compressed form of `input`.
  package static func compress(
    _ input: UnsafeRawBufferPointer, level: Int = 3, into output: ColumnarBuffer
  ) throws {
    let library = try ZstandardLibrary.shared.get()
    let space = library.bound(input.count)
    let code = library.compress(output.extend(by: space), space, input.baseAddress, input.count, Int32(level))
    guard library.isError(code) == 0 else {
      output.count -= space
      throw MartletError(
        .resourcesExhausted, "Zstandard cannot compress a block: \(String(cString: library.errorName(code))).")
    }
    output.count -= space - code
  }

  private static let cannotStart = MartletError(.resourcesExhausted, "Zstandard could not start.")
}

/// `ZSTD_inBuffer` and `ZSTD_outBuffer`, which have the same fields.
private struct ZstandardBuffer {
  var pointer: UnsafeMutableRawPointer?
  var size: Int
  var position = 0
}

private struct ZstandardLibrary: Sendable {
  typealias Create = @convention(c) () -> OpaquePointer?
  typealias Free = @convention(c) (OpaquePointer) -> Int
  typealias Decompress = @convention(c) (OpaquePointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int
  typealias Bound = @convention(c) (Int) -> Int
  typealias Compress = @convention(c) (UnsafeMutableRawPointer, Int, UnsafeRawPointer?, Int, Int32) -> Int
  typealias IsError = @convention(c) (Int) -> UInt32
  typealias ErrorName = @convention(c) (Int) -> UnsafePointer<CChar>

  let createStream: Create, freeStream: Free, decompressStream: Decompress
  let bound: Bound, compress: Compress, isError: IsError, errorName: ErrorName

  static let shared = Result { try ZstandardLibrary() }

  private init() throws {
    let library = try LoadedLibrary(
      ["libzstd.so.1", "libzstd.1.dylib", "/opt/homebrew/lib/libzstd.1.dylib"],
      "Zstandard (Debian and Ubuntu: libzstd1)")
    createStream = try library.function("ZSTD_createDStream", as: Create.self)
    freeStream = try library.function("ZSTD_freeDStream", as: Free.self)
    decompressStream = try library.function("ZSTD_decompressStream", as: Decompress.self)
    bound = try library.function("ZSTD_compressBound", as: Bound.self)
    compress = try library.function("ZSTD_compress", as: Compress.self)
    isError = try library.function("ZSTD_isError", as: IsError.self)
    errorName = try library.function("ZSTD_getErrorName", as: ErrorName.self)
  }
}
