// Unsafe code. Invariant: each reference that is counted here late, or never by the compiler, is counted once: a text
// that `initialize` writes has no reference until `retain` adds all of them, and one that `ReleasedTexts` takes keeps
// its reference until `finish`.
//
// An atomic step costs as much as splitting off three words, and neighboring texts point into the same buffer. The
// loops that create and destroy most texts therefore count many references at once.

public import CMartlet

extension TextBuffer {
  /// Adds the references of `count` texts that were created without one.
  @inlinable @inline(__always)
  package func retain(forTexts count: Int) {
    if count > 0 { _ = swift_retain_n(Unmanaged.passUnretained(self).toOpaque(), UInt32(truncatingIfNeeded: count)) }
  }
}

/// Destroys texts, and releases the buffer of neighbors once for all of them.
@frozen @usableFromInline
package struct ReleasedTexts: ~Copyable {
  /// The buffer of the most recent texts.
  @usableFromInline var owner: UnsafeMutableRawPointer?
  /// The number of references to release.
  @usableFromInline var count: UInt32 = 0

  @inlinable @inline(__always)
  init() {}

  /// Destroys the split at `split`, whose memory holds no value afterwards. The memory that it points to lives until
  /// `finish`, or until a text in another buffer follows.
  @inlinable @inline(__always)
  mutating func take(_ split: UnsafeMutablePointer<TextSplit>) {
    // Takes over the text's own reference to the same buffer.
    guard let next = split.pointee.unowned?.toOpaque() else { return }
    if next == owner && count < UInt32.max {
      count &+= 1
    } else {
      finish()
      owner = next
      count = 1
    }
  }

  /// Releases the remaining references. Must be called once, at the end.
  @inlinable @inline(__always)
  mutating func finish() {
    if let owner { swift_release_n(owner, count) }
    owner = nil
  }
}

extension UnsafeMutablePointer<Text> {
  /// Writes the text at `[bytes, bytes + count)`, which is in `buffer`, and adds to `references` if the caller must add
  /// a reference to the buffer.
  @inline(__always)
  func initialize(
    to bytes: UnsafePointer<UInt8>, count: Int, inUncounted buffer: TextBuffer, _ references: inout Int
  ) {
    if count <= Text.inlineCapacity {
      initialize(to: Text(words: loadPadded16(bytes, count: count), count: count))
    } else {
      // Safe: these are the words of a text, in their order, without the reference.
      UnsafeMutableRawPointer(self).storeBytes(
        of: (
          UInt64(UInt(bitPattern: bytes)), UInt64(truncatingIfNeeded: count) | Text.longMark,
          Unmanaged.passUnretained(buffer).toOpaque()
        ), as: (UInt64, UInt64, UnsafeMutableRawPointer).self)
      references &+= 1
    }
  }
}
