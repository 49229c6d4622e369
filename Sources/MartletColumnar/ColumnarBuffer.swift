// Unsafe code. Invariant: `base` has `capacity` bytes, of which the first `count` are initialized. A buffer is used by
// one thread at a time. `state` is freed with the buffer; it is a pointer, because the fields of a class would be checked
// for simultaneous changes at each access.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A growable buffer of values.
@usableFromInline package final class ColumnarBuffer: @unchecked Sendable {
  // Sendable: one thread at a time changes it, and hands it over through a lock.
  @frozen @usableFromInline struct State {
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var capacity: Int
    @usableFromInline var count = 0
  }

  @usableFromInline let state: UnsafeMutablePointer<State>

  package init(capacity: Int = 0) {
    let capacity = max(64, capacity)
    guard let base = malloc(capacity) else { fatalError("There is no memory left for a column.") }
    state = .allocate(capacity: 1)
    state.initialize(to: State(base: base, capacity: capacity))
  }

  /// The first byte.
  @inlinable package var base: UnsafeMutableRawPointer { state.pointee.base }

  /// The number of bytes.
  @inlinable package var count: Int {
    get { state.pointee.count }
    set { state.pointee.count = newValue }
  }

  deinit {
    free(base)
    state.deallocate()
  }

  /// All bytes, valid until the next change.
  package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Appends a value.
  @inlinable @inline(__always)
  package func append<Value: BitwiseCopyable>(_ value: Value) {
    let size = MemoryLayout<Value>.size
    if count &+ size > state.pointee.capacity { grow(by: size) }
    (base + count).storeBytes(of: value, as: Value.self)
    count &+= size
  }

  /// Appends a copy of bytes.
  @inlinable
  package func append(copying bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    extend(by: bytes.count).copyMemory(from: start, byteCount: bytes.count)
  }

  /// Appends bytes that are 0.
  package func append(zeros extra: Int) {
    extend(by: extra).initializeMemory(as: UInt8.self, repeating: 0, count: extra)
  }

  /// Adds `extra` bytes, which the caller writes, and returns their address.
  @inlinable @inline(__always)
  package func extend(by extra: Int) -> UnsafeMutableRawPointer {
    if count &+ extra > state.pointee.capacity { grow(by: extra) }
    defer { count &+= extra }
    return base + count
  }

  /// The value at an index, which must be there.
  @inlinable @inline(__always)
  package func load<Value: BitwiseCopyable>(_ index: Int, as _: Value.Type = Value.self) -> Value {
    let offset = index &* MemoryLayout<Value>.stride
    assert(index >= 0 && offset + MemoryLayout<Value>.size <= count)
    return (base + offset).loadUnaligned(as: Value.self)
  }

  /// Removes all bytes and keeps the memory.
  package func removeAll() { count = 0 }

  @usableFromInline func grow(by extra: Int) {
    let larger = max(count + extra, state.pointee.capacity * 2)
    guard let memory = realloc(base, larger) else { fatalError("There is no memory left for a column.") }
    state.pointee.base = memory
    state.pointee.capacity = larger
  }
}
