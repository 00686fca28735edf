import { Component, createElement, type ComponentType, type FunctionComponent } from "preact";

/** The component, drawn anew only when something that it is given is another thing. */
export function memo<Props extends object>(Drawn: FunctionComponent<Props>): ComponentType<Props> {
    return class extends Component<Props> {
        override shouldComponentUpdate(next: Readonly<Props>): boolean {
            const before: Readonly<Record<string, unknown>> = { ...this.props };
            const names = Object.entries(next);
            return names.length !== Object.keys(before).length || names.some(([name, value]) => before[name] !== value);
        }

        override render() {
            return createElement(Drawn, this.props);
        }
    };
}
