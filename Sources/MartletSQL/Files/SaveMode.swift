/// The treatment of a path at which there is something already.
public enum SaveMode: String, Sendable, CaseIterable {
  /// Files are added to those that are there.
  case append
  /// The files take the place of those that are there.
  case overwrite
  /// An error.
  case errorIfExists
  /// Nothing is written.
  case ignore

  /// The mode with one of Spark's names, in upper or lower case: `append`, `overwrite`, `ignore`, `error`,
  /// `errorifexists` and `default`.
  init?(named name: String) {
    switch name.lowercased() {
    case "append": self = .append
    case "overwrite": self = .overwrite
    case "ignore": self = .ignore
    case "error", "errorifexists", "default": self = .errorIfExists
    default: return nil
    }
  }
}
