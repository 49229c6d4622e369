/// What can be done to a program's calls on files. `martlet_faults.h` tells what each does in detail.
public enum Fault: Sendable {
  /// The process is killed instead of the call.
  case killBefore(_ calls: Calls)
  /// The process is killed when the call has ended.
  case killAfter(_ calls: Calls)
  /// A write writes some bytes at most, then the process is killed.
  case tear(_ calls: Calls, bytes: Int)
  /// A write writes some bytes at most, and says so, as writes may.
  case short(_ calls: Calls, bytes: Int)
  /// The call is not made and fails with this `errno`.
  case fail(_ calls: Calls, errno: Int32)
  /// The call is made late.
  case delay(_ calls: Calls, milliseconds: Int)

  /// The numbers of the calls that it may be meant for.
  var numbers: ClosedRange<Int> {
    switch self {
    case .killBefore(let calls), .killAfter(let calls), .tear(let calls, _), .short(let calls, _), .fail(let calls, _),
      .delay(let calls, _):
      calls.numbers ?? 1...Int.max
    }
  }

  /// The fault in the language of the library.
  var rule: String {
    switch self {
    case .killBefore(let calls): "kill-before\(calls.conditions)"
    case .killAfter(let calls): "kill-after\(calls.conditions)"
    case .tear(let calls, let bytes): "tear,bytes=\(bytes)\(calls.conditions)"
    case .short(let calls, let bytes): "short,bytes=\(bytes)\(calls.conditions)"
    case .fail(let calls, let errno): "error,errno=\(errno)\(calls.conditions)"
    case .delay(let calls, let milliseconds): "delay,ms=\(milliseconds)\(calls.conditions)"
    }
  }
}

/// The calls that a fault is meant for: those that fit all that is given here.
public struct Calls: Sendable {
  /// Only calls with these numbers, which begin with 1. Reading calls have none.
  public var numbers: ClosedRange<Int>?
  /// Only calls of these kinds.
  public var kinds: [CallKind]
  /// Only calls on a path below the folder that fits this pattern, in which `*` also stands for slashes.
  public var path: String?
  /// Of the calls that fit all else, only the first, second …, counted from 1.
  public var matches: ClosedRange<Int>?
  /// Only while there is a file of this name. It must not lie in the folder.
  public var whileExists: String?

  public init(
    numbers: ClosedRange<Int>? = nil, kinds: [CallKind] = [], path: String? = nil, matches: ClosedRange<Int>? = nil,
    whileExists: String? = nil
  ) {
    self.numbers = numbers
    self.kinds = kinds
    self.path = path
    self.matches = matches
    self.whileExists = whileExists
  }

  /// The call with this number.
  public static func number(_ number: Int) -> Calls { Calls(numbers: number...number) }

  /// The calls of these kinds on the paths that fit `path`.
  public static func of(_ kinds: CallKind..., path: String? = nil) -> Calls { Calls(kinds: kinds, path: path) }

  var conditions: String {
    var text = ""
    if let numbers { text += ",calls=\(numbers.lowerBound)-\(numbers.upperBound)" }
    if !kinds.isEmpty { text += ",kind=" + kinds.map(\.name).joined(separator: "+") }
    if let path { text += ",path=\(path)" }
    if let matches { text += ",nth=\(matches.lowerBound)-\(matches.upperBound)" }
    if let whileExists { text += ",while=\(whileExists)" }
    return text
  }
}

/// What a call does. Those up to `truncate` can change what is on the disk: they are numbered and recorded.
public enum CallKind: UInt8, Sendable {
  case create = 1, write, sync, rename, link, unlink, mkdir, rmdir, truncate
  case open, read, close, list, entry, stat

  var name: String { "\(self)" }
}
