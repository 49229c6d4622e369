// Unsafe code. Invariant: the functions are those that the Swift ABI defines in the value witnesses of an enumeration,
// and are called with values of its type.

/// Identifies and projects the cases of an enumeration.
struct EnumCases: @unchecked Sendable {
  // Sendable: type metadata is never changed or freed.
  private let metadata: UnsafeRawPointer
  private let tag: Tag
  private let project: Project
  private let inject: Inject

  private typealias Tag = @convention(c) (UnsafeRawPointer, UnsafeRawPointer) -> UInt32
  private typealias Project = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer) -> Void
  private typealias Inject = @convention(c) (UnsafeMutableRawPointer, UInt32, UnsafeRawPointer) -> Void

  /// Returns `nil` if the type is not an enumeration, or its functions are signed, as on systems with pointer
  /// authentication.
  init?(_ type: Any.Type) {
    #if _ptrauth(_arm64e)
      return nil
    #else
      metadata = unsafeBitCast(type, to: UnsafeRawPointer.self)
      let word = MemoryLayout<Int>.size
      let witnesses = (metadata - word).load(as: UnsafeRawPointer.self)
      // Eight functions, the size, the stride, and two numbers of 32 bits, of which the first has flags.
      guard (witnesses + 10 * word).load(as: UInt32.self) & 0x20_0000 != 0 else { return nil }
      let functions = witnesses + 10 * word + 8
      tag = unsafeBitCast(functions.load(as: UnsafeRawPointer.self), to: Tag.self)
      project = unsafeBitCast((functions + word).load(as: UnsafeRawPointer.self), to: Project.self)
      inject = unsafeBitCast((functions + 2 * word).load(as: UnsafeRawPointer.self), to: Inject.self)
    #endif
  }

  /// The number of the case: cases with a payload come first, as in `payloads`.
  func number(of value: UnsafeRawPointer) -> Int { Int(tag(value, metadata)) }

  /// Calls `body` with the payload of the case, which occupies the memory of the value during the call.
  func withPayload<Result>(
    of value: UnsafeMutableRawPointer, number: Int, _ body: (UnsafeMutableRawPointer) -> Result
  ) -> Result {
    project(value, metadata)
    defer { inject(value, UInt32(number), metadata) }
    return body(value)
  }
}
