// Unsafe code. Invariant: each reference that is counted here late, or never by the compiler, is counted once: a text
// that `initialize` writes has no reference until `retain` adds all of them, and one that `ReleasedTexts` takes keeps
// its reference until `finish`.
//
// An atomic step costs as much as splitting off three words, and neighbouring texts point into the same buffer. So the
// loops that make and end most texts count once for many.

public import CMartlet

extension TextBuffer {
  /// Adds the references of `count` texts that were made without.
  @inlinable @inline(__always)
  package func retain(forTexts count: Int) {
    if count > 0 { _ = swift_retain_n(Unmanaged.passUnretained(self).toOpaque(), UInt32(truncatingIfNeeded: count)) }
  }
}

/// Ends texts, and releases the buffer of neighbours once for all of them.
@frozen @usableFromInline
package struct ReleasedTexts: ~Copyable {
  /// The buffer of the texts that came last.
  @usableFromInline var owner: UnsafeMutableRawPointer?
  /// How many references to it are to be taken back.
  @usableFromInline var count: UInt32 = 0

  @inlinable @inline(__always)
  init() {}

  /// Ends the split at `split`, whose memory is no value afterwards. What it points to lives until `finish`, or until a
  /// text of another buffer comes.
  @inlinable @inline(__always)
  mutating func take(_ split: UnsafeMutablePointer<TextSplit>) {
    // The same buffer as the text's own reference, which is thus taken over.
    guard let next = split.pointee.unowned?.toOpaque() else { return }
    if next == owner && count < UInt32.max {
      count &+= 1
    } else {
      finish()
      owner = next
      count = 1
    }
  }

  /// Releases what is left. Must be called once, at the end.
  @inlinable @inline(__always)
  mutating func finish() {
    if let owner { swift_release_n(owner, count) }
    owner = nil
  }
}

extension UnsafeMutablePointer<Text> {
  /// Writes the text at `[bytes, bytes + count)`, which lies in `buffer`, and adds to `references` if the caller has to
  /// add a reference to the buffer.
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
