/** A part that is drawn anew only when what it shows is another. `preact/compat` has one too, and rewrites each element for it. */
import { Component, type ComponentClass, createElement, type FunctionComponent } from 'preact'

/** `isSame`: nothing that is seen differs. */
export function memo<P extends object>(
  View: FunctionComponent<P>,
  isSame: (before: P, after: P) => boolean,
): ComponentClass<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(after: P): boolean {
      return !isSame(this.props, after)
    }

    override render(props: P) {
      return createElement(View, props)
    }
  }
}
