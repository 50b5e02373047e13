/** The body of every failed answer. */
export interface ErrorBody {
  readonly message: string;
}

/** The last line of a progress stream that failed after it had begun. */
export interface ErrorLine {
  readonly errorDetail: { readonly message: string };
  readonly error: string;
}
